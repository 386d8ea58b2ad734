/** A row is written when an image is ready or has failed; none says "processing". */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS images (
    id            uuid    PRIMARY KEY,
    user_id       integer NOT NULL,
    status        text    NOT NULL CHECK (status IN ('ready', 'failed')),
    original_url  text,
    optimized_url text,
    thumbnail_url text,
    metadata      jsonb   NOT NULL,
    error         text,
    CHECK (status = 'failed' OR
      (original_url IS NOT NULL AND optimized_url IS NOT NULL AND thumbnail_url IS NOT NULL))
  );
`;
