UPDATE handoffs SET silence_told_at = 1760000005000 WHERE conversation_id = 'mine';
