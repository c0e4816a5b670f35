-- An event about very many targets is linked to them in pieces. Cost on a big table: none, both columns are null.
-- linked_to: the last target that it is linked to while others are left; null when it is linked to all.
ALTER TABLE events ADD COLUMN linked_to INTEGER;

-- The only sites whose targets it may speak of, as a JSON list; null for all.
ALTER TABLE events ADD COLUMN sites TEXT;

CREATE INDEX events_left ON events (id) WHERE linked_to IS NOT NULL;
