/**
 * Names and buckets that OpenTelemetry's semantic conventions give (those of generative AI are still in development).
 * The one place to change when a convention does.
 */

export const attribute = {
  error: "error.type",
  httpMethod: "http.request.method",
  httpRoute: "http.route",
  httpStatus: "http.response.status_code",
  urlPath: "url.path",
  serverAddress: "server.address",
  serverPort: "server.port",
  dbSystem: "db.system.name",
  dbOperation: "db.operation.name",
  dbBatchSize: "db.operation.batch.size",
  dbRows: "db.response.returned_rows",
  genAiOperation: "gen_ai.operation.name",
  genAiModel: "gen_ai.request.model",
  mcpMethod: "mcp.method.name",
  serviceName: "service.name",
  serviceVersion: "service.version",
} as const;

/** Seconds, of `http.server.request.duration`. */
export const httpBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

/** Seconds, from an answer that was kept to one that waited for a model; 0.2 is what a search may take. */
export const searchBuckets = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30,
] as const;
