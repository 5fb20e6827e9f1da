/** Measures work that may fail. Used with the functions of metrics.ts that take a status and seconds. */

export type Status = "success" | "error";

/** Does the work, says how it ended and how long it took, and gives back what it gave or raises what it raised. */
export async function timed<T>(
  record: (status: Status, seconds: number) => void,
  work: () => T | Promise<T>,
): Promise<T> {
  const began = performance.now();
  const seconds = (): number => (performance.now() - began) / 1000;
  let result: T;
  try {
    result = await work();
  } catch (error) {
    record("error", seconds());
    throw error;
  }
  record("success", seconds());
  return result;
}
