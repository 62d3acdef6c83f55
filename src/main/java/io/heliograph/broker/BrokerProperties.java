package io.heliograph.broker;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The choice of the broker, as a property with metadata; {@link BrokerMode#of} reads it earlier.
 *
 * @param broker memory: one node, no server beside it; redis: many nodes, joined by Redis
 */
@ConfigurationProperties("heliograph")
record BrokerProperties(@DefaultValue("memory") BrokerMode broker) {}
