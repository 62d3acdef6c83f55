package io.heliograph.broker;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Bounds of a channel's log, from which sessions recover.
 *
 * @param maxMessages the most messages in one channel's log
 * @param maxBytes the most bytes of message data in one channel's log
 * @param maxAge how long a message stays in the log
 * @param maxTotalBytes the most bytes of all logs of an in-memory broker; beyond it the least
 *     recently used logs are dropped
 */
@Validated
@ConfigurationProperties("heliograph.log")
public record LogProperties(
    @DefaultValue("1000") @Min(1) @Max(1_000_000) int maxMessages,
    @DefaultValue("1MB") DataSize maxBytes,
    @DefaultValue("1h") @DurationMin(seconds = 1) Duration maxAge,
    @DefaultValue("256MB") DataSize maxTotalBytes) {}
