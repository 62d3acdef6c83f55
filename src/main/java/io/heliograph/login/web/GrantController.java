package io.heliograph.login.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.heliograph.login.Grant;
import io.heliograph.login.Grants;
import io.heliograph.login.LoginPolicy;
import io.heliograph.login.NotMeLinks;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import io.heliograph.web.MaxBody;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** The endpoint at which the site's backend redeems a grant code, once, for the user's identity. */
@RestController
@RequiresScope(Scope.LOGIN)
@MaxBody(LoginController.MAX_BODY)
class GrantController {

  record RedeemRequest(@Nullable String grantCode) {}

  record Risk(boolean locationMismatch, int otherScanners) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Redeemed(
      String subject,
      String provider,
      @Nullable String unionId,
      String ticket,
      Instant confirmedAt,
      List<String> amr,
      LoginPolicy policy,
      Risk risk,
      String notMe) {
    @Override
    public String toString() {
      return "Redeemed";
    }
  }

  private final Grants grants;
  private final NotMeLinks notMe;

  GrantController(Grants grants, NotMeLinks notMe) {
    this.grants = grants;
    this.notMe = notMe;
  }

  @PostMapping("/v1/grants/redeem")
  ResponseEntity<Redeemed> redeem(@RequestBody RedeemRequest body) {
    if (body.grantCode() == null) {
      throw ProblemException.invalid("/grantCode", "is missing");
    }
    Grant grant =
        grants
            .redeem(body.grantCode())
            .orElseThrow(
                () ->
                    new ProblemException(
                        ProblemType.GRANT_NOT_FOUND,
                        "The grantCode is unknown, was used or has expired; start a new login."));
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(
            new Redeemed(
                grant.subject(),
                grant.provider(),
                grant.unionId(),
                grant.ticket(),
                grant.confirmedAt(),
                List.of("qr"),
                grant.policy(),
                new Risk(grant.locationMismatch(), grant.otherSubjects()),
                notMe.link(grant.ticket(), grant.subject())));
  }
}
