/** Who asks. The tenant and the agent come from authentication, never from an argument of a call. */
export type MemoryIdentity = Readonly<{
  tenant: string;
  agent: string;
  /**
   * How far it sees. `session`: the session that a call names, and what is shared with it. `agent`: every
   * session of the agent. `tenant`: everything of the tenant, for its operators.
   */
  reach: "session" | "agent" | "tenant";
  /** Whom the audit names. */
  actor: string;
}>;

/** The types that are known; any other short word is one too. */
export const MEMORY_TYPES = ["reasoning", "experience", "knowledge"] as const;

/** Who else sees a memory: nobody, the agent's other sessions, the tenant's other agents. */
export const MEMORY_SCOPES = ["session", "agent", "tenant"] as const;
export type MemoryScope = (typeof MEMORY_SCOPES)[number];

export const MEMORY_RELATIONS = [
  ...(["similar", "causal", "temporal", "contradicts", "supports", "part-of"] as const),
] as const;
export type MemoryRelation = (typeof MEMORY_RELATIONS)[number];

export type NewMemory = Readonly<{
  sessionId: string;
  content: string;
  /** `knowledge` unless given. */
  memoryType?: string;
  /** 0 to 1; 0.5 unless given. */
  importance?: number;
  metadata?: Readonly<Record<string, unknown>>;
  scope?: MemoryScope;
  /** Whom or what it is about: `forgetMemories({ subject })` finds it by this. */
  subject?: string;
  /** Where it was learned, such as a document or a tool. */
  source?: string;
  /** Who said or did it; a part of the text that is searched. */
  actor?: string;
  /** How far its origin is to be believed, 0 to 1. */
  trust?: number;
  createdAt?: Date;
  validFrom?: Date;
  validTo?: Date;
  expiresAt?: Date;
  /** Memories that it comes from or belongs to. */
  associations?: readonly Readonly<{ to: string; relation: MemoryRelation; strength?: number }>[];
}>;

export type MemoryRecord = Readonly<{
  id: string;
  tenant: string;
  agent: string;
  sessionId: string;
  scope: MemoryScope;
  content: string;
  memoryType: string;
  importance: number;
  metadata: Readonly<Record<string, unknown>>;
  subject: string | null;
  source: string | null;
  actor: string | null;
  trust: number;
  origin: "stored" | "imported" | "consolidated";
  createdAt: Date;
  updatedAt: Date;
  validFrom: Date | null;
  validTo: Date | null;
  expiresAt: Date | null;
  lastAccessed: Date | null;
  accessCount: number;
  repeatCount: number;
  supersededBy: string | null;
}>;

export type StoredMemory = Readonly<{
  id: string;
  /** True where an equal memory of the session was there: it was strengthened instead. */
  deduplicated: boolean;
  /** How many identifiers of each type redaction took out of it; absent where none. */
  redacted?: Readonly<Record<string, number>>;
  /** Memories of the session that are nearly the same, nearest first; of a single memory, not of a batch. */
  similar: readonly Readonly<{ id: string; similarity: number }>[];
}>;

export type MemoryQuery = Readonly<{
  query: string;
  /** Without one, every session that the caller may see is searched. */
  sessionId?: string;
  limit?: number;
  memoryTypes?: readonly string[];
  minImportance?: number;
  /** Created at or after; before. */
  since?: Date;
  until?: Date;
  /** What was valid then; now unless given. */
  asOf?: Date;
  includeExpired?: boolean;
  /** Equal values at paths of the metadata, such as `{ ref: "a7" }`. */
  metadata?: Readonly<Record<string, unknown>>;
  /** Hits stop before their text exceeds so many tokens. */
  maxTokens?: number;
  /**
   * Tells how many of the hits, from the first, the caller shows, where that depends on how they are shown: the
   * others neither come nor count as read. Called within the search, so it must ask nothing of the memory.
   */
  countShown?: (hits: readonly MemoryHit[]) => number;
  /** Brings the memories that are associated with the best hits too. */
  withNeighbours?: boolean;
  /** Whether a hit counts as an access (recency, reinforcement); true unless given. */
  touch?: boolean;
}>;

/** What a score is made of, each part 0 to 1 before its weight (docs/memory.md has the formula). */
export type ScoreParts = Readonly<{
  semantic: number;
  lexical: number;
  recency: number;
  importance: number;
  association: number;
}>;

export type MemoryHit = MemoryRecord & Readonly<{ rank: number; score: number; parts: ScoreParts }>;

export type MemoryAssociation = Readonly<{
  from: string;
  to: string;
  relation: MemoryRelation;
  strength: number;
  isAutomatic: boolean;
  createdAt: Date;
}>;

export type NewMemoryAssociation = Readonly<{
  from: string;
  to: string;
  relation: MemoryRelation;
  /** 0 to 1; 1 unless given. */
  strength?: number;
  /** The session that a caller of reach "session" sees. */
  sessionId?: string;
}>;

/** Which association: of one relation, from one memory to another. */
export type AssociationEnds = Omit<NewMemoryAssociation, "strength">;

export type RelatedOptions = Readonly<{
  /** At most so many steps, 1 to 3; 2 unless given. */
  depth?: number;
  /** 1 to 1,000; 50 unless given. */
  limit?: number;
  /** Only these are followed. */
  relations?: readonly MemoryRelation[];
  sessionId?: string;
}>;

export type RelatedMemory = Readonly<{
  memory: MemoryRecord;
  /** Steps from the memory that was asked for; 1 is next to it. */
  depth: number;
  /** Product of the strengths on the strongest way. */
  strength: number;
  /** The associations of that way, in order. */
  path: readonly MemoryAssociation[];
}>;

export type MemorySession = Readonly<{
  sessionId: string;
  agent: string;
  memories: number;
  createdAt: Date;
  lastActiveAt: Date;
}>;

/** What `forgetMemories` takes away: at least one of them. */
export type ForgetSelection = Readonly<{
  id?: string;
  sessionId?: string;
  subject?: string;
  memoryTypes?: readonly string[];
  metadata?: Readonly<Record<string, unknown>>;
  /** Created before. */
  before?: Date;
}>;

export type ConsolidationProposal = Readonly<{
  keep: string;
  merge: readonly string[];
  similarity: number;
  summary: string;
}>;

export const CONTRADICTION_REASONS = ["negation", "numbers", "opposites"] as const;
export type ContradictionReason = (typeof CONTRADICTION_REASONS)[number];

/** Two memories that may contradict each other, for somebody to judge. */
export type ContradictionCandidate = Readonly<{
  from: string;
  to: string;
  /** The cosine of their texts. */
  similarity: number;
  /** What sets them apart: a denial, other numbers, opposites such as "started" and "stopped". */
  reasons: readonly ContradictionReason[];
  /** What each of the two says. */
  contents: readonly [from: string, to: string];
}>;

export type MemoryPage<T> = Readonly<{
  items: readonly T[];
  nextPageToken: string | null;
  /** How many there are in all, where it was asked for. */
  count?: number;
}>;

export type PageOptions = Readonly<{
  /** 1 to 1,000; 100 unless given. */
  limit?: number;
  /** `nextPageToken` of the page before; it goes on only with the same filter and order. */
  pageToken?: string;
  /** In the language of MLflow's searches, such as `memory_type = 'experience' AND importance > 0.5`. */
  filter?: string;
  /** Such as `created_at desc`. */
  orderBy?: string;
  /** Whether to say how many there are in all. */
  count?: boolean;
}>;

export type MemoryPatch = Readonly<{
  content?: string;
  memoryType?: string;
  importance?: number;
  metadata?: Readonly<Record<string, unknown>>;
  scope?: MemoryScope;
  subject?: string | null;
  source?: string | null;
  actor?: string | null;
  trust?: number;
  validFrom?: Date | null;
  validTo?: Date | null;
  expiresAt?: Date | null;
}>;

/** A memory as a line of NDJSON; times are RFC 3339. What is null may be left out. */
export type MemoryLine = Readonly<{
  session_id: string;
  content: string;
  memory_type: string;
  importance: number;
  metadata: Readonly<Record<string, unknown>>;
  scope: MemoryScope;
  subject: string | null;
  source: string | null;
  actor: string | null;
  trust: number;
  created_at: string;
  valid_from: string | null;
  valid_to: string | null;
  expires_at: string | null;
  id: string;
  agent: string;
  /** With memories of lines before it, by the ids of the lines; only what somebody associated. */
  associations?: readonly LineAssociation[];
  /** The id of the line that consolidation put in its place. */
  superseded_by?: string;
}>;

export type LineAssociation = Readonly<{
  from: string;
  to: string;
  relation: MemoryRelation;
  strength: number;
}>;

export type ImportedMemories = Readonly<{
  /** Lines that became memories. */
  imported: number;
  /** Lines that were there already, in the database or in the file. */
  deduplicated: number;
  /** Lines whose expiry has passed: they are left out. */
  expired: number;
  /** Associations between lines that are there now. */
  associations: number;
  /** How many sessions the lines name. */
  sessions: number;
  /** Of each line that is there now, in order. */
  ids: readonly string[];
}>;

export type MemoryStats = Readonly<{
  memories: number;
  sessions: number;
  byType: Readonly<Record<string, number>>;
  associations: number;
  embedding: Readonly<{
    /** The model that new memories are embedded with. */
    fingerprint: string;
    model: string;
    runtime: "native" | "wasm";
    dimensions: number;
    /** Whether large searches have an approximate index; until then each vector is compared. */
    isIndexed: boolean;
    /** Memories that have a vector of it, and those that do not yet: they are found by their words only. */
    embedded: number;
    waiting: number;
  }>;
  /** Memories under the current key, and those that are in clear or under another; null without a key. */
  sealing: Readonly<{ sealed: number; waiting: number }> | null;
}>;

/** One caller's view of agent memory: `createMemoryService(…).as(identity)`. */
export type Memory = Readonly<{
  /** Stores one memory and gives its id; it is durable then. */
  storeMemory(memory: NewMemory): Promise<string>;
  /** Stores all or none, in one transaction. */
  storeMemories(memories: readonly NewMemory[]): Promise<StoredMemory[]>;
  /** The best hits first, with what their scores are made of. */
  retrieveMemories(query: MemoryQuery): Promise<MemoryHit[]>;
  /** NOT_FOUND for what is not there, what has expired and what is not for this caller. */
  getMemory(id: string, options?: Readonly<{ sessionId?: string }>): Promise<MemoryRecord>;
  /** The latest stored first unless `orderBy` says another order. */
  listMemories(
    options?: PageOptions & Readonly<{ sessionId?: string; memoryTypes?: readonly string[] }>,
  ): Promise<MemoryPage<MemoryRecord>>;
  /** The last active first unless `orderBy` says another order. */
  listSessions(options?: PageOptions): Promise<MemoryPage<MemorySession>>;
  /**
   * Writes an association, or gives one that is there another strength (1 unless given). A cycle of
   * causal, temporal or part-of associations is a CONFLICT that names it.
   */
  associate(association: NewMemoryAssociation): Promise<MemoryAssociation>;
  /** Takes an association away, somebody's or one of DuetMind's own; gives whether there was one. */
  dissociate(association: AssociationEnds): Promise<boolean>;
  /** What can be reached from a memory, the strongest way to each, strongest first. */
  relatedMemories(id: string, options?: RelatedOptions): Promise<RelatedMemory[]>;
  /** What is left out stays; null takes away. */
  updateMemory(
    id: string,
    patch: MemoryPatch,
    options?: Readonly<{
      sessionId?: string;
      /** Throws where the memory is no longer what the caller has read; it is locked meanwhile. */
      check?: (current: MemoryRecord) => void;
    }>,
  ): Promise<MemoryRecord>;
  /** `soft`, the default, is out of every search and deleted later; `hard` is deleted now. */
  forgetMemories(
    selection: ForgetSelection,
    options?: Readonly<{
      mode?: "soft" | "hard";
      dryRun?: boolean;
      /** Throws where one of them is to stay, and then all do; they are locked meanwhile. */
      check?: (current: MemoryRecord) => void;
    }>,
  ): Promise<Readonly<{ forgotten: number; ids: readonly string[] }>>;
  /** In the order in which they were stored, as importMemories takes them. */
  exportMemories(
    selection?: Readonly<{ sessionId?: string; memoryTypes?: readonly string[] }>,
  ): AsyncIterable<MemoryLine>;
  /** Lines of NDJSON, or what they hold. The lines before a wrong one are stored. */
  importMemories(
    lines: AsyncIterable<string | object> | Iterable<string | object>,
  ): Promise<ImportedMemories>;
  /** Near memories about one subject that numbers, a denial or opposites set apart; nothing is written. */
  contradictionCandidates(
    options?: Readonly<{ sessionId?: string; limit?: number }>,
  ): Promise<ContradictionCandidate[]>;
  /**
   * Puts the best of each group of near-duplicates in the place of the others, which stay, superseded:
   * the same words in other forms, with the same numbers, denials and names. `dryRun` only proposes.
   */
  consolidateSession(
    sessionId: string,
    options?: Readonly<{ dryRun?: boolean }>,
  ): Promise<Readonly<{ proposals: readonly ConsolidationProposal[]; merged: number }>>;
  /** Gives back what a memory was put in the place of. */
  undoConsolidation(
    id: string,
    options?: Readonly<{ sessionId?: string }>,
  ): Promise<Readonly<{ restored: readonly string[] }>>;
  stats(options?: Readonly<{ sessionId?: string }>): Promise<MemoryStats>;
}>;
