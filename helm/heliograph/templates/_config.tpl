{{- /* Settings that the chart computes; the value config is merged over them. */}}
{{- define "heliograph.config" -}}
{{- $redis := include "heliograph.redis" . -}}
server:
  port: 8080
  {{- if .Values.trustForwardedHeaders }}
  forward-headers-strategy: native
  {{- end }}
  {{- if .Values.tls.enabled }}
  ssl:
    bundle: web
  {{- end }}
management:
  server:
    port: {{ .Values.management.port }}
    address: {{ .Values.management.address | quote }}
    {{- if .Values.tls.enabled }}
    ssl:
      enabled: false
    {{- end }}
spring:
  main:
    cloud-platform: kubernetes
  lifecycle:
    timeout-per-shutdown-phase: {{ include "heliograph.phaseTimeout" . }}s
  {{- if or .Values.tls.enabled (and $redis .Values.redis.tls.enabled .Values.redis.tls.existingSecret) }}
  ssl:
    bundle:
      pem:
        {{- if .Values.tls.enabled }}
        web:
          reload-on-update: true
          keystore:
            certificate: file:/etc/heliograph/tls/tls.crt
            private-key: file:/etc/heliograph/tls/tls.key
        {{- end }}
        {{- if and $redis .Values.redis.tls.enabled .Values.redis.tls.existingSecret }}
        redis:
          truststore:
            certificate: file:/etc/heliograph/redis-tls/{{ .Values.redis.tls.caKey }}
          {{- if .Values.redis.tls.clientCertificate }}
          keystore:
            certificate: file:/etc/heliograph/redis-tls/tls.crt
            private-key: file:/etc/heliograph/redis-tls/tls.key
          {{- end }}
        {{- end }}
  {{- end }}
  {{- if $redis }}
  data:
    redis:
      {{- with .Values.redis.username }}
      username: {{ . | quote }}
      {{- end }}
      {{- if .Values.redis.tls.enabled }}
      ssl:
        enabled: true
        {{- if .Values.redis.tls.existingSecret }}
        bundle: redis
        {{- end }}
      {{- end }}
      {{- if eq $redis "standalone" }}
      host: {{ .Values.redis.host | quote }}
      port: {{ .Values.redis.port }}
      database: {{ .Values.redis.database }}
      {{- else if eq $redis "sentinel" }}
      database: {{ .Values.redis.database }}
      sentinel:
        master: {{ .Values.redis.sentinel.master | quote }}
        nodes: {{ toJson .Values.redis.sentinel.nodes }}
        {{- with .Values.redis.sentinel.username }}
        username: {{ . | quote }}
        {{- end }}
      {{- else }}
      cluster:
        nodes: {{ toJson .Values.redis.cluster.nodes }}
      {{- end }}
  {{- end }}
heliograph:
  broker: {{ if $redis }}redis{{ else }}memory{{ end }}
  drain:
    duration: {{ .Values.drain.durationSeconds }}s
{{- end }}
