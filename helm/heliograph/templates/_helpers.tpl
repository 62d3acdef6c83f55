{{- define "heliograph.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* Short enough to append "-management". */}}
{{- define "heliograph.fullname" -}}
{{- $name := include "heliograph.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 52 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 52 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "heliograph.selectorLabels" -}}
app.kubernetes.io/name: {{ include "heliograph.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "heliograph.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "heliograph.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: heliograph
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* Name, namespace and labels of an object; called with the root and a suffix. */}}
{{- define "heliograph.metadata" -}}
name: {{ include "heliograph.fullname" .root }}{{ .suffix }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "heliograph.labels" .root | nindent 2 }}
{{- end }}

{{- define "heliograph.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "heliograph.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "heliograph.image" -}}
{{- with .Values.image.registry }}{{ trimSuffix "/" . }}/{{ end }}
{{- .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- /* Empty, or the kind of Redis. */}}
{{- define "heliograph.redis" -}}
{{- if .Values.redis.cluster.nodes }}cluster{{ else if .Values.redis.sentinel.nodes }}sentinel{{ else if .Values.redis.host }}standalone{{ end }}
{{- end }}

{{- define "heliograph.minReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ .Values.autoscaling.minReplicas }}{{ else if .Values.keda.enabled }}{{ .Values.keda.minReplicas }}{{ else }}{{ .Values.replicaCount }}{{ end }}
{{- end }}

{{- define "heliograph.maxReplicas" -}}
{{- if .Values.autoscaling.enabled }}{{ .Values.autoscaling.maxReplicas }}{{ else if .Values.keda.enabled }}{{ .Values.keda.maxReplicas }}{{ else }}{{ .Values.replicaCount }}{{ end }}
{{- end }}

{{- /* The drain is one phase of the shutdown, so the phase timeout must be longer than the drain. */}}
{{- define "heliograph.phaseTimeout" -}}
{{- if kindIs "invalid" .Values.drain.phaseTimeoutSeconds }}{{ add .Values.drain.durationSeconds 10 }}{{ else }}{{ int .Values.drain.phaseTimeoutSeconds }}{{ end }}
{{- end }}

{{- define "heliograph.leastGracePeriod" -}}
{{- add .Values.drain.preStopSeconds .Values.drain.durationSeconds (include "heliograph.phaseTimeout" . | int) 10 }}
{{- end }}

{{- define "heliograph.gracePeriod" -}}
{{- if kindIs "invalid" .Values.terminationGracePeriodSeconds }}{{ include "heliograph.leastGracePeriod" . }}{{ else }}{{ int .Values.terminationGracePeriodSeconds }}{{ end }}
{{- end }}

{{- define "heliograph.hasSecrets" -}}
{{- if or .Values.existingSecret .Values.secrets (and (include "heliograph.redis" .) .Values.redis.existingSecret) }}true{{ end }}
{{- end }}

{{- /* Files whose names are settings and whose contents are their values. */}}
{{- define "heliograph.secretSources" -}}
{{- with .Values.existingSecret }}
- secret:
    name: {{ . }}
{{- end }}
{{- if .Values.secrets }}
- secret:
    name: {{ include "heliograph.fullname" . }}
{{- end }}
{{- if and (include "heliograph.redis" .) .Values.redis.existingSecret }}
- secret:
    name: {{ .Values.redis.existingSecret }}
    items:
      - key: {{ .Values.redis.passwordKey }}
        path: spring.data.redis.password
      {{- with .Values.redis.sentinel.passwordKey }}
      - key: {{ . }}
        path: spring.data.redis.sentinel.password
      {{- end }}
{{- end }}
{{- end }}
