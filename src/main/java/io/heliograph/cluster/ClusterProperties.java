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
 */
@Validated
@ConfigurationProperties("heliograph.cluster")
record ClusterProperties(
    @DefaultValue("1s") @DurationMin(millis = 50) @DurationMax(seconds = 30) Duration deadline) {}
