/**
 * What every call of the client fails with: the server's own answer, or why there was none.
 *
 * @example
 * try {
 *   await client.experiments.getByName("trials");
 * } catch (error) {
 *   if (!(error instanceof TrackingError && error.errorCode === "RESOURCE_DOES_NOT_EXIST")) throw error;
 * }
 */
export class TrackingError extends Error {
  override readonly name: string = "TrackingError";
  /** The HTTP status; 0 where no reply came. */
  readonly status: number;
  /**
   * The server's `error_code`, such as `RESOURCE_DOES_NOT_EXIST`; or one of the client's own:
   * `INVALID_ARGUMENT` (nothing was sent), `CONNECTION_FAILED`, `TIMEOUT`, `BAD_REPLY`, `NOT_PROXIED`.
   */
  readonly errorCode: string;

  constructor(status: number, errorCode: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** An argument that no server would take; nothing was sent. */
export function invalidArgument(message: string): TrackingError {
  return new TrackingError(0, "INVALID_ARGUMENT", message);
}

/** True for the answer that a name or an id is unknown. */
export function isMissing(error: unknown): boolean {
  return error instanceof TrackingError && error.errorCode === "RESOURCE_DOES_NOT_EXIST";
}

/** True for the answer that a name is taken. */
export function isTaken(error: unknown): boolean {
  return error instanceof TrackingError && error.errorCode === "RESOURCE_ALREADY_EXISTS";
}
