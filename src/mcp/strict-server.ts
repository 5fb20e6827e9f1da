/**
 * The SDK's server, with malformed parameters answered as what they are: it reports them as an internal error and shows
 * the insides of its schema. Used by server.ts.
 */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";

interface Issue {
  path?: (string | number)[];
  message?: string;
}

/** `params.uri: expected string`, of the first thing that is wrong. */
function firstIssue(text: string): string {
  try {
    const [{ path = [], message = "" } = {}] = JSON.parse(text) as Issue[];
    return `${path.join(".") || "params"}: ${message}`.slice(0, 200);
  } catch {
    return "they do not have the form that the protocol gives them";
  }
}

type Wrap = Server["_wrapHandler"];

export class StrictServer extends Server {
  /** Our own handlers raise errors of the protocol only (server.ts); what else comes was raised by the SDK's check. */
  protected override _wrapHandler(...[method, handler]: Parameters<Wrap>): ReturnType<Wrap> {
    return super._wrapHandler(method, async (request, context) => {
      try {
        return await handler(request, context);
      } catch (error) {
        if (error instanceof ProtocolError) throw error;
        const why = firstIssue(error instanceof Error ? error.message : "");
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `wrong parameters of ${method}: ${why}`);
      }
    });
  }
}
