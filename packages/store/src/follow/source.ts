/** Where the bytes of an incarnation come from: a plain file, or an archive. */
export interface Source {
  /**
   * The bytes from `position` on, which is where the last ones ended. `expected` are the bytes that stood before it.
   */
  read(position: number, expected: Buffer): Promise<SourceRead>
  /** Safe twice. */
  close(): Promise<void>
}

export type SourceRead =
  | { readonly kind: 'bytes'; readonly bytes: Buffer; readonly mayHaveMore: boolean }
  /** Nothing new. */
  | { readonly kind: 'nothing' }
  /** An archive has been read to its end; `problem` says what was wrong with it. */
  | { readonly kind: 'end'; readonly problem: string | null }
  /** The content is not what it was: shortened, or written anew. `sizeBytes` is what it has now. */
  | { readonly kind: 'replaced'; readonly sizeBytes: number }
