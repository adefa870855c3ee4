// Command generated-client walks through an onboarding with the client that oapi-codegen generates from /openapi.json.
// Arguments: the gateway's address, a token, a user id. The verification code is read from standard input.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, url, token, user string) error {
	client, err := NewClientWithResponses(url, WithRequestEditorFn(func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}))
	if err != nil {
		return err
	}
	started, err := client.StartWithResponse(ctx, user, StartJSONRequestBody{AccountType: StartJSONBodyAccountTypeIndividual})
	if err != nil {
		return err
	}
	if started.JSON201 == nil {
		return fmt.Errorf("start: %s %s", started.Status(), started.Body)
	}
	if err := awaitCode(ctx, client, user); err != nil {
		return err
	}
	resent, err := client.ResendWithResponse(ctx, user, &ResendParams{}, ResendJSONRequestBody{})
	if err != nil {
		return err
	}
	var problem struct{ Code string }
	if err := json.Unmarshal(resent.Body, &problem); err != nil {
		return err
	}
	fmt.Printf("resend %d %s %t\n", resent.StatusCode(), problem.Code, resent.HTTPResponse.Header.Get("Retry-After") != "")
	var code string
	if _, err := fmt.Scanln(&code); err != nil {
		return err
	}
	body := SubmitCodeJSONRequestBody{Channel: SubmitCodeJSONBodyChannelEmail, Code: code}
	submitted, err := client.SubmitCodeWithResponse(ctx, user, &SubmitCodeParams{}, body)
	if err != nil {
		return err
	}
	if submitted.JSON200 == nil {
		return fmt.Errorf("code: %s %s", submitted.Status(), submitted.Body)
	}
	fmt.Printf("code %s %s\n", submitted.JSON200.Outcome, submitted.JSON200.Status.Email.Status)
	return nil
}

func awaitCode(ctx context.Context, client *ClientWithResponses, user string) error {
	for range 100 {
		status, err := client.StatusWithResponse(ctx, user, &StatusParams{})
		if err != nil {
			return err
		}
		if status.JSON200 == nil {
			return fmt.Errorf("status: %s %s", status.Status(), status.Body)
		}
		if step := status.JSON200.Step; step != nil && *step == "awaitingCode" {
			fmt.Printf("status %s %s\n", status.JSON200.State, *step)
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("the journey does not await a code")
}
