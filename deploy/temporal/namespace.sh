#!/bin/sh
# Creates the namespace that TEMPORAL_NAMESPACE names. `onward setup` prepares it. Safe to repeat.
set -eu
temporal operator cluster health
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
