#!/bin/sh
# Makes the secrets of deploy/compose.yml in deploy/secrets, and leaves those that exist. Needs openssl.
# The key that sFOX gave you is not made: write it to deploy/secrets/enterprise_api_key yourself. So is the secret of an OpenID
# Connect client: write it to deploy/secrets/onward_oidc_client_secret.
set -eu
cd "$(dirname "$0")"
umask 022
mkdir -p secrets
# The folder keeps other users of this machine out. Containers get only the files, and run as different users.
chmod 700 secrets

make() {
  if [ ! -e "secrets/$1" ]; then
    # Without a line break at the end, which not every reader of a secret takes off.
    printf '%s' "$2" > "secrets/$1"
    echo "made secrets/$1"
  fi
}

make postgresql_password "$(openssl rand -hex 24)"
make grafana_password "$(openssl rand -hex 12)"
make metrics_token "$(openssl rand -hex 24)"
make onward_encryption_keys "$(date +%Y-%m):$(openssl rand -base64 32)"
make onward_receipt_keys "$(date +%Y-%m):$(openssl rand -base64 32)"
make onward_webhook_secrets "whsec_$(openssl rand -base64 32)"
make onward_status_secret "whsec_$(openssl rand -base64 32)"
make onward_tokens "app:backend:$(openssl rand -hex 24)
operator:operations:$(openssl rand -hex 24)
viewer:prometheus:$(cat secrets/metrics_token)"
# Stays empty if people log in only with tokens.
make onward_oidc_client_secret ''
if [ ! -s secrets/enterprise_api_key ]; then
  : > secrets/enterprise_api_key
  echo 'write the key that sFOX gave you to deploy/secrets/enterprise_api_key'
fi
