package io.heliograph.architecture.sample.broker;

/** In order: the one type of its package that a push may use. */
public class BrokerUnavailableException extends RuntimeException {}
