"""The only importer of aiokafka and kio: asks a cluster, answers in domain values, raises `ClusterError`."""
