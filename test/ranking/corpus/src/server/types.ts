export interface Request {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: unknown;
}

export interface Response {
  status: number;
  headers: Record<string, string>;
  body?: string;
}

export type Handler = (request: Request) => Promise<Response>;
export type Middleware = (next: Handler) => Handler;
