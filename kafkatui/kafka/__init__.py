"""The only package that imports aiokafka and kio: it asks a cluster, returns domain values and raises
`ClusterError`."""
