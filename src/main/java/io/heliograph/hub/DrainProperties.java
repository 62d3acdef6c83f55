package io.heliograph.hub;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How a node goes away.
 *
 * @param duration over how long the sessions are told to go, evenly; 0: all at once
 */
@ConfigurationProperties("heliograph.drain")
public record DrainProperties(@DefaultValue("0s") Duration duration) {}
