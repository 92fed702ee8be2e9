{{- define "labels" -}}
{{ toYaml .Values.global.labels }}
{{- end }}

{{- define "selector" -}}
app: {{ .application.name }}
app.kubernetes.io/name: {{ .application.name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "pod" -}}
serviceAccountName: {{ .application.name }}
automountServiceAccountToken: false
enableServiceLinks: false
shareProcessNamespace: false
securityContext: {{- toYaml .application.podSecurityContext | nindent 2 }}
volumes: {{- toYaml .application.volumes | nindent 2 }}
{{- end }}

{{- define "container" -}}
name: {{ .application.name }}
image: "{{ .root.Values.global.registry }}/{{ .application.image.repository }}:{{ .application.image.tag }}"
imagePullPolicy: {{ .application.image.pullPolicy }}
{{- with .application.env }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
resources: {{- toYaml .application.resources | nindent 2 }}
securityContext: {{- toYaml .application.securityContext | nindent 2 }}
volumeMounts: {{- toYaml .application.volumeMounts | nindent 2 }}
{{- end }}
