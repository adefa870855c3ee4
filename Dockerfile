# One image for both processes: `node dist/worker/main.js` and `node dist/client/gateway/main.js`.
FROM node:20-bookworm-slim AS build
WORKDIR /onward
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY activities activities
COPY client client
COPY sandbox sandbox
COPY worker worker
COPY workflows workflows
RUN npm run build && npm prune --omit=dev --no-audit --no-fund

FROM node:20-bookworm-slim
# Temporal's native part checks certificates against the system's.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production ONWARD_HOST=0.0.0.0
WORKDIR /onward
COPY --from=build /onward/package.json ./
COPY --from=build /onward/node_modules node_modules
COPY --from=build /onward/dist dist
USER node
EXPOSE 8080 8081
CMD ["node", "dist/client/gateway/main.js"]
