/**
 * Examples for people who try the service: {@code ./mvnw spring-boot:test-run}, then open {@code
 * /demo}. Their phone lets anybody at this machine log in as whom they like, and their backend
 * gives a token to whoever asks, so none of it may ever be in the product.
 */
@NullMarked
package io.heliograph.demo;

import org.jspecify.annotations.NullMarked;
