/** Environment variables as the edge handed them over. Only `cli/` reads process.env. */
export type Environment = Readonly<Record<string, string | undefined>>;
