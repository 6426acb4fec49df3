UPDATE conversations SET seen_seq = last_seq, seen_at = updated_at WHERE status = 'open';
