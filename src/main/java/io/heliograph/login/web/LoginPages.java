package io.heliograph.login.web;

import io.heliograph.security.ApiKeys;
import io.heliograph.web.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.io.Resource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The two pages of a login: {@code /login} shows the code, {@code /l/<ticket>} asks the phone's
 * user. Their HTML is the same for all users and tickets, and their scripts fetch the rest, so that
 * fetching a page changes nothing.
 */
@RestController
class LoginPages {

  /** Whether {@code /login} should show the backend's calls as commands to run by hand. */
  record Demonstration(boolean generatedKey) {}

  private final ApiKeys keys;

  LoginPages(ApiKeys keys) {
    this.keys = keys;
  }

  @GetMapping("/login")
  ResponseEntity<Resource> login() {
    return page("pages/login.html");
  }

  @GetMapping("/l/{ticket}")
  ResponseEntity<Resource> phone() {
    return page("pages/phone.html");
  }

  /**
   * True only for a caller on the same machine when no key was configured and one was generated at
   * start.
   */
  @GetMapping("/v1/logins/demonstration")
  Demonstration demonstration(HttpServletRequest request) {
    boolean here = ClientAddress.of(request).isLoopback();
    return new Demonstration(here && keys.generated());
  }

  private static ResponseEntity<Resource> page(String path) {
    return ResponseEntity.ok()
        .contentType(MediaType.parseMediaType("text/html;charset=UTF-8"))
        .cacheControl(CacheControl.noStore())
        .body(new ClassPathResource(path));
  }
}
