package io.heliograph.cluster;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Settings of the queries to all nodes.
 *
 * @param deadline how long a query waits for the nodes' replies; the result says how many are
 *     missing
 * @param affinity whether a balancer sends all requests of one client to the same node, which
 *     Engine.IO over polling needs when there are several
 */
@Validated
@ConfigurationProperties("heliograph.cluster")
public record ClusterProperties(
    @DefaultValue("1s") @DurationMin(millis = 50) @DurationMax(seconds = 30) Duration deadline,
    @DefaultValue("false") boolean affinity) {}
