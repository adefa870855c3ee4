#!/bin/sh
# Builds the tools of the tests in this folder into .cache/tools, with Go, and copies the schemas that they need. About three minutes.
# Without them, those tests are skipped.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p .cache/tools/schemas
GOBIN="$PWD/.cache/tools"
export GOBIN

go install helm.sh/helm/v3/cmd/helm@v3.18.6
go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0
go install github.com/compose-spec/compose-go/v2/cmd@v2.16.2
mv .cache/tools/cmd .cache/tools/compose-go
# promtool cannot be installed by `go install`: this small program calls the same library.
(cd test/deploy/prometheus-check && go build -o "$GOBIN/prometheus-check" .)

module() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }
copy() { cp -f "$1" ".cache/tools/schemas/$(basename "$1")"; chmod u+w ".cache/tools/schemas/$(basename "$1")"; }

# Not in this folder: `go mod` would look for a go.mod here.
outside="$(mktemp -d)"
trap 'rm -rf "$outside"' EXIT
fetch() { (cd "$outside" && module "$1"); }
copy "$(fetch k8s.io/kubernetes@v1.34.1)/api/openapi-spec/swagger.json"
operator="$(fetch github.com/prometheus-operator/prometheus-operator@v0.83.0)/example/prometheus-operator-crd"
copy "$operator/monitoring.coreos.com_prometheusrules.yaml"
copy "$operator/monitoring.coreos.com_servicemonitors.yaml"
keda="$(fetch github.com/kedacore/keda/v2@v2.17.2)/config/crd/bases"
copy "$keda/keda.sh_scaledobjects.yaml"
copy "$keda/keda.sh_triggerauthentications.yaml"
copy "$(fetch github.com/external-secrets/external-secrets@v0.16.2)/config/crds/bases/external-secrets.io_externalsecrets.yaml"
