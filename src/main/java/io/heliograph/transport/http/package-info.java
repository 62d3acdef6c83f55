/**
 * HTTP as a transport: requests that are served ahead of Spring MVC, and responses that go on over
 * a connection taken over from Jetty.
 */
@NullMarked
package io.heliograph.transport.http;

import org.jspecify.annotations.NullMarked;
