"""Where training items come from: shards, conversations about pictures, and robot episodes of others."""
