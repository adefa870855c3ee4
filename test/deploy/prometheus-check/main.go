// Checks a file of alert rules and PromQL expressions with Prometheus' own library, as promtool does.
//
//	prometheus-check RULES < EXPRESSIONS
//
// Reads one expression a line. Prints each error and exits with 1.
package main

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

func main() {
	promql := parser.NewParser(parser.Options{})
	groups, errors := rulefmt.ParseFile(os.Args[1], false, model.UTF8Validation, promql, slog.Default())
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	expressions := 0
	for lines.Scan() {
		expressions++
		if _, err := promql.ParseExpr(lines.Text()); err != nil {
			errors = append(errors, fmt.Errorf("%s: %w", lines.Text(), err))
		}
	}
	for _, err := range errors {
		fmt.Fprintln(os.Stderr, err)
	}
	if len(errors) > 0 {
		os.Exit(1)
	}
	rules := 0
	for _, group := range groups.Groups {
		rules += len(group.Rules)
	}
	fmt.Printf("%d rules, %d expressions\n", rules, expressions)
}
