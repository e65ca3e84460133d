{{- define "tenantry.name" -}}
{{- .Release.Name | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "tenantry.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "tenantry.name" .) }}
{{- end }}

{{- /* Of every object of the chart, but for CRDs and policies, which are the same whoever installs them. */ -}}
{{- define "tenantry.labels" -}}
app.kubernetes.io/name: tenantry
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* By which the operator's pods are selected: a Deployment's selector never changes. */ -}}
{{- define "tenantry.operator" -}}
app.kubernetes.io/name: tenantry
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{- define "tenantry.operatorLabels" -}}
{{ include "tenantry.labels" . }}
app.kubernetes.io/component: operator
{{- end }}

{{- /* The same of the meter. */ -}}
{{- define "tenantry.meter" -}}
app.kubernetes.io/name: tenantry
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: meter
{{- end }}

{{- define "tenantry.meterLabels" -}}
{{ include "tenantry.labels" . }}
app.kubernetes.io/component: meter
{{- end }}

{{- define "tenantry.image" -}}
{{- with .Values.image }}
{{- with .registry }}{{ trimSuffix "/" . }}/{{ end }}
{{- .repository }}
{{- if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* "true" where a value says so, or says "auto" and the cluster has the kind: (list . VALUE KIND). */ -}}
{{- define "tenantry.isOn" -}}
{{- $root := index . 0 }}
{{- $value := toString (index . 1) }}
{{- if eq $value "auto" }}
{{- $root.Capabilities.APIVersions.Has (index . 2) }}
{{- else }}
{{- $value }}
{{- end }}
{{- end }}

{{- define "tenantry.mutating" -}}
{{- include "tenantry.isOn" (list . .Values.policies.mutating "admissionregistration.k8s.io/v1/MutatingAdmissionPolicy") }}
{{- end }}

{{- /*
Manifests, as files have them, that stay when the release goes: (list TEXT KEEP). Nothing is parsed, for a number
would come out another one.
*/ -}}
{{- define "tenantry.kept" -}}
{{- $keep := "helm.sh/resource-policy: keep" }}
{{- $text := index . 0 }}
{{- if index . 1 }}
{{- range $i, $document := splitList "\n---\n" $text }}
{{- if $i }}
---
{{ end }}
{{- if contains "\n  annotations:\n" $document }}
{{- $document | replace "\n  annotations:\n" (printf "\n  annotations:\n    %s\n" $keep) }}
{{- else }}
{{- $document | replace "\nmetadata:\n" (printf "\nmetadata:\n  annotations:\n    %s\n" $keep) }}
{{- end }}
{{- end }}
{{- else }}
{{- $text }}
{{- end }}
{{- end }}

{{- /* A role for people that stays when the release goes. */ -}}
{{- define "tenantry.keptRole" }}
{{- if .Values.peoplesRoles.keep }}
  annotations:
    helm.sh/resource-policy: keep
{{- end }}
{{- end }}

{{- /* To the DNS server and the API server, in a NetworkPolicy. */ -}}
{{- define "tenantry.egress" -}}
{{- with .Values.networkPolicy.dns }}
- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: {{ .namespace }}
      podSelector:
        matchLabels:
          {{- toYaml .podLabels | nindent 10 }}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
{{- end }}
{{- with .Values.networkPolicy.apiServer }}
- to:
    {{- range .cidrs }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  ports:
    {{- range .ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
{{- end }}
{{- end }}
