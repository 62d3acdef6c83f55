/**
 * A phone for people who try the service without one: {@code ./mvnw spring-boot:test-run}, then
 * open {@code /demo/phone}. It lets anybody at this machine log in as whom they like, so it must
 * never be in the product.
 */
@NullMarked
package io.heliograph.demo;

import org.jspecify.annotations.NullMarked;
