"""Keys through Debian's python3-redis: keys.py PORT COUNT. Ends with code 0 only if each was read back."""
import sys

import redis
from redis.cluster import RedisCluster

port, count = int(sys.argv[1]), int(sys.argv[2])
cluster = RedisCluster(host="127.0.0.1", port=port)
keys = [f"python:{i}" if i % 2 == 0 else f"{{python:{i % 100}}}:{i}" for i in range(count)]
for key in keys:
    assert cluster.set(key, f"value of {key}") is True, key
for key in keys:
    assert cluster.get(key) == f"value of {key}".encode(), key
nodes = cluster.get_primaries()
sizes = [cluster.dbsize(target_nodes=node) for node in nodes]
assert all(size > 0 for size in sizes), sizes
with cluster.pipeline() as pipe:
    for key in keys[:100]:
        pipe.get(key)
    assert pipe.execute() == [f"value of {key}".encode() for key in keys[:100]]
assert cluster.mget_nonatomic(keys[:10]) == [f"value of {key}".encode() for key in keys[:10]]
print(f"python3-redis {redis.__version__}: {count} keys on {len(nodes)} primaries {sizes}")
