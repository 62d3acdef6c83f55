{{- /* Checks that the schema cannot express: values that do not fit together. */}}
{{- define "heliograph.validate" -}}
{{- if and .Values.autoscaling.enabled .Values.keda.enabled }}
{{- fail "autoscaling and keda are both enabled, and KEDA creates an autoscaler of its own. Disable one of them." }}
{{- end }}
{{- range $scaler := list "autoscaling" "keda" }}
{{- $it := index $.Values $scaler }}
{{- if and $it.enabled (gt (int $it.minReplicas) (int $it.maxReplicas)) }}
{{- fail (printf "%s.minReplicas is %d, more than its maxReplicas, %d." $scaler (int $it.minReplicas) (int $it.maxReplicas)) }}
{{- end }}
{{- end }}
{{- with .Values.autoscaling }}
{{- if and .enabled (not .targetCPUUtilizationPercentage) (not .targetMemoryUtilizationPercentage) (not .connections) }}
{{- fail "autoscaling is enabled without a target: set targetCPUUtilizationPercentage, targetMemoryUtilizationPercentage or connections." }}
{{- end }}
{{- end }}
{{- $redis := include "heliograph.redis" . }}
{{- $most := include "heliograph.maxReplicas" . | int }}
{{- if and (gt $most 1) (not $redis) }}
{{- fail (printf "%d replicas without Redis: each would have only its own sessions and messages. Set redis.host, redis.sentinel or redis.cluster, or run one replica." $most) }}
{{- end }}
{{- $shared := or .Values.existingSecret .Values.extraEnvFrom (hasKey .Values.secrets "heliograph.security.tokens.secret") }}
{{- range .Values.extraEnv }}
{{- if eq .name "HELIOGRAPH_SECURITY_TOKENS_SECRET" }}{{ $shared = true }}{{ end }}
{{- end }}
{{- if and $redis (not $shared) }}
{{- fail "with Redis all nodes need the same secrets: set existingSecret to a Secret with heliograph.security.api-key and heliograph.security.tokens.secret." }}
{{- end }}
{{- with .Values.redis }}
{{- if gt (len (compact (list .host (.sentinel.nodes | join ",") (.cluster.nodes | join ",")))) 1 }}
{{- fail "redis.host, redis.sentinel.nodes and redis.cluster.nodes exclude each other: set one." }}
{{- end }}
{{- if and .sentinel.nodes (not .sentinel.master) }}
{{- fail "redis.sentinel.nodes is set and redis.sentinel.master is not: set it to the name of the monitored server." }}
{{- end }}
{{- if and .sentinel.passwordKey (not .existingSecret) }}
{{- fail "redis.sentinel.passwordKey is set, but redis.existingSecret, which contains it, is not." }}
{{- end }}
{{- if and .tls.clientCertificate (not .tls.existingSecret) }}
{{- fail "redis.tls.clientCertificate needs redis.tls.existingSecret with tls.crt and tls.key." }}
{{- end }}
{{- if and .cluster.nodes (gt (int .database) 0) }}
{{- fail "redis.database is set: a Redis Cluster has database 0 only." }}
{{- end }}
{{- end }}
{{- if and .Values.tls.enabled (not .Values.tls.existingSecret) }}
{{- fail "tls.enabled needs tls.existingSecret, a Secret with tls.crt and tls.key." }}
{{- end }}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) }}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: the gateway that the route is attached to." }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled }}
{{- fail "metrics.serviceMonitor and metrics.podMonitor are both enabled: every pod would be scraped, and counted, twice. Disable one of them." }}
{{- end }}
{{- $phase := include "heliograph.phaseTimeout" . | int }}
{{- if le $phase (int .Values.drain.durationSeconds) }}
{{- fail (printf "drain.phaseTimeoutSeconds is %d and would cut the drain of %d s: increase it, or leave it out." $phase (int .Values.drain.durationSeconds)) }}
{{- end }}
{{- $least := include "heliograph.leastGracePeriod" . | int }}
{{- if lt (include "heliograph.gracePeriod" . | int) $least }}
{{- fail (printf "terminationGracePeriodSeconds is %d, so the pod would be killed while it drains. Set it to %d or more (preStop %d + drain %d + phase timeout %d + 10), or leave it out." (int .Values.terminationGracePeriodSeconds) $least (int .Values.drain.preStopSeconds) (int .Values.drain.durationSeconds) $phase) }}
{{- end }}
{{- $owned := dict
    "heliograph.broker" "redis"
    "heliograph.drain.duration" "drain.durationSeconds"
    "spring.lifecycle.timeout-per-shutdown-phase" "drain.phaseTimeoutSeconds"
    "spring.data.redis" "redis"
    "spring.main.cloud-platform" "nothing: it is kubernetes"
    "server.port" "service.port"
    "server.ssl" "tls"
    "management.server.port" "management.port"
    "management.server.address" "management.address"
    "heliograph.security.api-key" "existingSecret"
    "heliograph.security.tokens.secret" "existingSecret" }}
{{- range $setting, $value := $owned }}
{{- $names := splitList "." $setting }}
{{- $at := $.Values.config | default dict }}
{{- $found := hasKey $at $setting }}
{{- range $i, $name := $names }}
{{- if and (kindIs "map" $at) (hasKey $at $name) }}
{{- $at = index $at $name }}
{{- if eq $i (sub (len $names) 1 | int) }}{{ $found = true }}{{ end }}
{{- else }}
{{- $at = dict }}
{{- end }}
{{- end }}
{{- /* Secrets may come from the environment; settings from which the chart computes other values may not. */}}
{{- $variable := $setting | upper | replace "." "_" | replace "-" "" }}
{{- range $.Values.extraEnv }}
{{- if and (eq .name $variable) (ne $value "existingSecret") }}{{ $found = true }}{{ end }}
{{- end }}
{{- if $found }}
{{- fail (printf "config or extraEnv sets %s, which the chart sets itself: use %s." $setting $value) }}
{{- end }}
{{- end }}
{{- include "heliograph.knownSettings" (dict "at" ($.Values.config | default dict) "path" "" "known" ($.Files.Lines "settings.txt")) }}
{{- end }}

{{- /* A misspelt setting would stop each pod at its start. settings.txt is written by the application's tests. */}}
{{- define "heliograph.knownSettings" -}}
{{- $call := . }}
{{- range $name, $value := $call.at }}
{{- $path := ternary $name (printf "%s.%s" $call.path $name) (eq $call.path "") }}
{{- if and (kindIs "map" $value) (gt (len $value) 0) }}
{{- include "heliograph.knownSettings" (dict "at" $value "path" $path "known" $call.known) }}
{{- else if or (eq $path "heliograph") (hasPrefix "heliograph." $path) }}
{{- $uniform := $path | replace "-" "" | lower | replace "[" "." | replace "]" "" }}
{{- $found := false }}
{{- range $call.known }}
{{- if and . (regexMatch (printf "^%s$" (. | replace "-" "" | replace "." "\\." | replace "*" "[^.]+")) $uniform) }}{{ $found = true }}{{ end }}
{{- end }}
{{- if not $found }}
{{- fail (printf "config sets %s, which is not a setting of Heliograph; docs/operations.md and settings.txt of this chart list them." $path) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
