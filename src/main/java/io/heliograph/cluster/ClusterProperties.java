package io.heliograph.cluster;

import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Questions to all nodes.
 *
 * @param deadline how long a question waits for the nodes' answers; those that have not come by
 *     then are said to be missing
 */
@Validated
@ConfigurationProperties("heliograph.cluster")
record ClusterProperties(
    @DefaultValue("1s") @DurationMin(millis = 50) @DurationMax(seconds = 30) Duration deadline) {}
