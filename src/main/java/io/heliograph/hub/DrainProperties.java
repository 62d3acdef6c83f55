package io.heliograph.hub;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the drain.
 *
 * @param duration the time over which the sessions are closed evenly; 0: all at once
 */
@ConfigurationProperties("heliograph.drain")
public record DrainProperties(@DefaultValue("0s") Duration duration) {}
