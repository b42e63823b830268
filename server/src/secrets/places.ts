/** What a project's secret is sealed for. `environment` empty: it is for all jobs. */
export function placeOfSecret(projectId: number, environment: string, name: string): string {
  return environment === '' ? `project_secrets/${projectId}/${name}` : `project_secrets/${projectId}/${environment}/${name}`;
}
