{{- define "onward.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- else }}{{- $name := default .Chart.Name .Values.nameOverride }}
{{- if contains $name .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}
{{- end }}

{{- define "onward.selector" -}}
app.kubernetes.io/name: {{ default .Chart.Name .Values.nameOverride }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "onward.labels" -}}
{{ include "onward.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* Takes root and tag, which has priority where it is not empty. */}}
{{- define "onward.image" -}}
{{- $image := .root.Values.image }}
{{- if .tag }}{{ $image.repository }}:{{ .tag }}
{{- else if $image.digest }}{{ $image.repository }}@{{ $image.digest }}
{{- else }}{{ $image.repository }}:{{ default .root.Chart.AppVersion $image.tag }}{{ end }}
{{- end }}

{{/* The keys of the secret that a process reads: a worker has no token, a gateway no key of the provider. */}}
{{- define "onward.secretKeys" -}}
{{- $keys := list "ONWARD_ENCRYPTION_KEYS" }}
{{- if .root.Values.temporal.apiKey }}{{ $keys = append $keys "TEMPORAL_API_KEY" }}{{ end }}
{{- if and (eq .component "worker") (not .root.Values.provider.module) }}{{ $keys = append $keys "ENTERPRISE_API_KEY" }}{{ end }}
{{- if eq .component "gateway" }}{{ $keys = concat $keys (list "ONWARD_TOKENS" "ONWARD_WEBHOOK_SECRETS") }}{{ end }}
{{- if and .root.Values.receipts (eq .component "gateway") }}{{ $keys = append $keys "ONWARD_RECEIPT_KEYS" }}{{ end }}
{{- if and .root.Values.oidc.issuer (eq .component "gateway") }}{{ $keys = append $keys "ONWARD_OIDC_CLIENT_SECRET" }}{{ end }}
{{- if and .root.Values.statusUrl (ne .component "job") }}{{ $keys = append $keys "ONWARD_STATUS_SECRET" }}{{ end }}
{{- toJson $keys }}
{{- end }}

{{/* The provider: sFOX, or a custom module, of which gateways know only the name. */}}
{{- define "onward.providerEnv" -}}
{{- $provider := .root.Values.provider }}
{{- if ne (empty $provider.module) (empty $provider.id) }}{{ fail "provider needs both module and id, or none" }}{{ end }}
{{- $env := dict }}
{{- if $provider.id }}
{{- $_ := set $env "ONWARD_PROVIDER_ID" $provider.id }}
{{- if eq .component "worker" }}{{ $_ := set $env "ONWARD_PROVIDER" $provider.module }}{{ end }}
{{- else }}
{{- $_ := set $env "SFOX_BASE_URL" (required "provider.baseUrl must be the provider's https address" $provider.baseUrl) }}
{{- end }}
{{- if and $provider.formerUrls (eq .component "worker") }}{{ $_ := set $env "SFOX_FORMER_URLS" (join " " $provider.formerUrls) }}{{ end }}
{{- toJson $env }}
{{- end }}

{{/* The variables of a container, each once. Takes root, component, and env, a dictionary of those of this component only. */}}
{{- define "onward.env" -}}
{{- $values := .root.Values }}
{{- $env := merge (dict
  "TEMPORAL_ADDRESS" (required "temporal.address must be host:port, such as temporal-frontend.temporal:7233" $values.temporal.address)
  "TEMPORAL_NAMESPACE" $values.temporal.namespace
  "ONWARD_POLICY" "/etc/onward/policy.yml"
  "ONWARD_HOST" "0.0.0.0"
  "ONWARD_LOG_LEVEL" $values.logLevel) (default dict .env) }}
{{- with $values.temporal.mtls }}
{{- if .secretName }}
{{- $_ := set $env "TEMPORAL_TLS_CLIENT_CERT_PATH" "/run/temporal-tls/tls.crt" }}
{{- $_ := set $env "TEMPORAL_TLS_CLIENT_KEY_PATH" "/run/temporal-tls/tls.key" }}
{{- if .caKey }}{{ $_ := set $env "TEMPORAL_TLS_SERVER_CA_CERT_PATH" (printf "/run/temporal-tls/%s" .caKey) }}{{ end }}
{{- end }}
{{- if .serverName }}{{ $_ := set $env "TEMPORAL_TLS_SERVER_NAME" .serverName }}{{ end }}
{{- end }}
{{- if ne .component "job" }}
{{- $env = merge $env (include "onward.providerEnv" . | fromJson) }}
{{- if $values.statusUrl }}{{ $_ := set $env "ONWARD_STATUS_URL" $values.statusUrl }}{{ end }}
{{- end }}
{{- if $values.otlpEndpoint }}{{ $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" $values.otlpEndpoint }}{{ end }}
{{- range include "onward.secretKeys" . | fromJsonArray }}
{{- $_ := set $env (printf "%s_FILE" .) (printf "/run/secrets/onward/%s" .) }}
{{- end }}
{{- range $name, $value := merge (dict) $values.extraEnv $env }}
- { name: {{ $name }}, value: {{ $value | quote }} }
{{- end }}
{{- end }}

{{- define "onward.mounts" -}}
- { name: tmp, mountPath: /tmp }
- { name: policy, mountPath: /etc/onward, readOnly: true }
- { name: secrets, mountPath: /run/secrets/onward, readOnly: true }
{{- if .root.Values.temporal.mtls.secretName }}
- { name: temporal-tls, mountPath: /run/temporal-tls, readOnly: true }
{{- end }}
{{- end }}

{{- define "onward.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
- name: policy
  configMap: { name: {{ include "onward.fullname" .root }}-policy }
- name: secrets
  secret:
    secretName: {{ .root.Values.secrets.existingSecret }}
    defaultMode: 0440
    items:
      {{- range include "onward.secretKeys" . | fromJsonArray }}
      - { key: {{ . }}, path: {{ . }} }
      {{- end }}
{{- if .root.Values.temporal.mtls.secretName }}
- name: temporal-tls
  secret: { secretName: {{ .root.Values.temporal.mtls.secretName }}, defaultMode: 0440 }
{{- end }}
{{- end }}

{{- define "onward.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "onward.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* A Deployment of one process. Takes root, component, port, command, env. */}}
{{- define "onward.deployment" -}}
{{- $root := .root }}
{{- $values := index $root.Values .component }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "onward.fullname" $root }}-{{ .component }}
  labels: {{- include "onward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if not .isScaled }}
  replicas: {{ $values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  selector:
    matchLabels: {{- include "onward.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels: {{- include "onward.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
      annotations:
        checksum/policy: {{ $root.Values.policy | toYaml | sha256sum }}
        {{- with $values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ $values.terminationGracePeriodSeconds }}
      securityContext: {{- include "onward.podSecurity" . | nindent 8 }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "onward.image" (dict "root" $root "tag" $values.tag) | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          command: {{ toJson .command }}
          env: {{- include "onward.env" . | trim | nindent 12 }}
          {{- with $values.envFrom }}
          envFrom: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - { name: http, containerPort: {{ .port }} }
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            failureThreshold: 30
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 3
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          {{- if eq .component "gateway" }}
          # Until every node has taken the pod out of the Service.
          lifecycle: { preStop: { exec: { command: [sleep, '5'] } } }
          {{- end }}
          resources: {{- toYaml $values.resources | nindent 12 }}
          securityContext: {{- include "onward.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "onward.mounts" . | nindent 12 }}
            {{- with $values.extraVolumeMounts }}{{- toYaml . | nindent 12 }}{{ end }}
      volumes: {{- include "onward.volumes" . | nindent 8 }}
        {{- with $values.extraVolumes }}{{ toYaml . | nindent 8 }}{{ end }}
      topologySpreadConstraints:
        {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels: {{- include "onward.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ $.component }}
        {{- end }}
      {{- with $values.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $values.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{/* A Job that Helm runs as a hook. Takes root, name, hook, weight, command, deadline. */}}
{{- define "onward.job" -}}
{{- $root := .root }}
{{- $context := dict "root" $root "component" "job" }}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "onward.fullname" $root }}-{{ .name }}
  labels: {{- include "onward.labels" $root | nindent 4 }}
    app.kubernetes.io/component: job
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-weight: {{ .weight | quote }}
    # A failed one stays, so that its log can be read.
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  backoffLimit: {{ .backoffLimit }}
  activeDeadlineSeconds: {{ .deadline }}
  template:
    metadata:
      labels: {{- include "onward.labels" $root | nindent 8 }}
        app.kubernetes.io/component: job
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      enableServiceLinks: false
      securityContext: {{- include "onward.podSecurity" . | nindent 8 }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .name }}
          image: {{ include "onward.image" (dict "root" $root "tag" "") | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          command: {{ toJson .command }}
          env: {{- include "onward.env" $context | trim | nindent 12 }}
          resources: {{- toYaml $root.Values.jobs.resources | nindent 12 }}
          securityContext: {{- include "onward.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "onward.mounts" $context | nindent 12 }}
      volumes: {{- include "onward.volumes" $context | nindent 8 }}
{{- end }}
