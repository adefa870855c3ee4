#!/bin/sh
# Runs the build stage of the Dockerfile in an empty folder, without a container: its very instructions, with the Node and npm of this
# machine. Then starts what would go into the image, and prints its size.
set -eu
cd "$(dirname "$0")/../.."
repository=$PWD
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# One instruction a line, those of the first stage.
sed -e ':joined' -e '/\\$/{N;s/\\\n//;b joined' -e '}' Dockerfile | awk '/^FROM/ { stage += 1 } stage == 1' |
  while read -r instruction rest; do
    case $instruction in
      COPY)
        echo "$rest" | tr ' ' '\n' | sed '$d' | while read -r name; do cp -R "$repository/$name" "$folder/$name"; done
        ;;
      RUN) (cd "$folder" && NODE_ENV='' sh -ec "$rest") ;;
    esac
  done

cd "$folder"
node dist/client/cli/main.js --version
# Without settings, each process names those that are missing.
for process in worker gateway; do
  env -i PATH="$PATH" node dist/client/cli/main.js "$process" 2>&1 | grep 'ONWARD_ENCRYPTION_KEYS is missing'
done
du -sm --apparent-size node_modules dist
