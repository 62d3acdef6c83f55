package io.heliograph.client;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * What clients may publish.
 *
 * @param maxData the most bytes of a message's data
 * @param perSecond the most publishes of one session, over the long run; bursts up to twice as many
 * @param authorize whether the backend is asked before a message is published
 */
@Validated
@ConfigurationProperties("heliograph.upstream.publish")
public record ClientPublishProperties(
    @DefaultValue("4KB") DataSize maxData,
    @DefaultValue("5") @Min(1) @Max(1000) int perSecond,
    @DefaultValue("false") boolean authorize) {}
