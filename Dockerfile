# One image for every process; the argument of `onward` chooses. `onward dev` is not in it, because the sandbox is not.
#   onward worker    probes on port 8081: /healthz, /readyz
#   onward gateway   probes on port 8080: /healthz, /readyz
#   onward setup, doctor, replay and the other commands of the CLI
FROM node:24-bookworm-slim AS build
WORKDIR /onward
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY activities activities
COPY client client
COPY worker worker
COPY workflows workflows
RUN npm run build && npm prune --omit=dev --no-audit --no-fund && find dist \( -name '*.map' -o -name '*.d.ts' -o -name .tsbuildinfo \) -delete
# Temporal's native core comes for five platforms, of which this image is one.
RUN cd node_modules/@temporalio/core-bridge/releases && ls | grep -vx "$(uname -m)-unknown-linux-gnu" | xargs rm -r

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Onward" \
      org.opencontainers.image.description="Durable onboarding on Temporal and XState" \
      org.opencontainers.image.licenses="MIT"
# Temporal's native core verifies certificates with the system's certificate store.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production ONWARD_HOST=0.0.0.0
WORKDIR /onward
COPY --from=build /onward/package.json ./
COPY --from=build /onward/node_modules node_modules
COPY --from=build /onward/dist dist
RUN chmod +x dist/client/cli/main.js && ln -s /onward/dist/client/cli/main.js /usr/local/bin/onward
# The user `node`, as a number, so that `runAsNonRoot` can be checked.
USER 1000
EXPOSE 8080 8081
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD node -e "Promise.any([8080, 8081].map((port) => fetch('http://127.0.0.1:' + port + '/healthz').then(({ ok }) => ok || Promise.reject()))).catch(() => process.exit(1))"
CMD ["onward", "gateway"]
