package io.heliograph.architecture.sample.broker;

/** In order: uses nothing. */
public interface ClusterBus {}
