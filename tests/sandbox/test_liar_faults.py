"""Sites that lie to everybody: that they do, and about nothing else."""

from __future__ import annotations

import pytest

from OcciLibrary.occi.renderings import OCCI_JSON, TEXT_PLAIN

from .whole_site import COMPUTE, INFRASTRUCTURE, MEDIUM, category, whole


def test_a_portal_answers_everything_alike_and_does_not_tell_whose_it_is() -> None:
    with whole("spec12", may_create=True, fault="all-portal") as site:
        before = site.site.machines[0].snapshot()
        asked = [
            site.ask("GET", "/-/"),
            site.ask("GET", "/compute/none", Accept="image/png"),
            site.ask("GET", "/", User_Agent="test OCCI/9.9"),
            site.ask("POST", site.vms[0], "X-OCCI-Attribute: occi.compute.cores=3\n"),
            site.ask("DELETE", site.vms[0]),
        ]
        assert {(one.status, one.body) for one in asked} == {(200, asked[0].body)}
        assert asked[0].body.startswith(b"<!DOCTYPE html>")
        assert "OCCI" not in asked[0].headers["Server"]
        assert "Accept" not in asked[0].headers
        assert site.site.machines[0].snapshot() == before


def test_a_site_that_says_ok_to_all_reads_well_and_does_nothing() -> None:
    with whole("spec11", may_create=True, fault="all-ok") as site:
        before = site.paths("/")
        vm = site.get(site.vms[0])
        for method, path, body in (
            ("POST", site.vms[0], "X-OCCI-Attribute: occi.compute.cores=3\n"),
            ("PUT", site.vms[0], "nonsense"),
            ("POST", f"{site.vms[0]}?action=start", f"Category: {category('http://x#start', 'action')}\n"),
            ("POST", "/compute/", f"Category: {COMPUTE}\n"),
            ("POST", "/-/", "nonsense"),
            ("DELETE", before[-1], ""),
        ):
            assert (site.ask(method, path, body).status, site.ask(method, path, body).text) == (200, "OK")
        assert site.ask("GET", "/compute/none").status == 200
        assert site.ask("GET", site.vms[0], Accept="image/png").status == 200
        assert site.ask("GET", "/-/", User_Agent="test OCCI/9.9").status == 200
        assert (site.get(site.vms[0]), site.paths("/")) == (vm, before)


@pytest.mark.parametrize("edition", ["", "spec11"])
def test_a_site_that_ignores_filters_shows_everything(edition: str) -> None:
    with whole(edition, fault="filters-ignored") as site:
        everything = site.ask("GET", "/-/").body
        assert site.ask("GET", "/-/", Category=COMPUTE).body == everything
        assert site.paths("/compute/", X_OCCI_Attribute="occi.compute.cores=2") == site.vms
        assert site.paths("/compute/", Category=category(MEDIUM, "mixin")) == site.vms


def test_a_site_that_swaps_attributes_shows_them_under_each_others_names() -> None:
    with whole("spec11", fault="attributes-swapped") as site, whole("spec11") as honest:
        vm, truth = site.get(site.vms[2]).attributes, honest.get(honest.vms[2]).attributes
        assert (vm["occi.compute.cores"], vm["occi.compute.memory"]) == (8, 4)
        assert (vm["occi.compute.hostname"], vm["occi.compute.architecture"]) == ("x64", "vm-3")
        assert vm["occi.core.title"] == truth["occi.core.summary"]
        assert set(vm) == set(truth)
        link = site.get(site.paths("/storagelink/")[0])
        assert link.attributes["occi.core.target"] == site.vms[0]
        assert site.paths("/compute/", X_OCCI_Attribute="occi.compute.cores=4") == site.vms[2:]
        assert site.ask("POST", site.vms[0], "X-OCCI-Attribute: occi.compute.cores=3\n").status == 200
        assert site.get(site.vms[0]).attributes["occi.compute.memory"] == 3


def test_swapped_attributes_are_swapped_in_json_too() -> None:
    with whole("spec12", fault="attributes-swapped") as site:
        reply = site.ask("GET", site.vms[2], Accept=OCCI_JSON)
        assert '"occi.compute.cores": 8.0' in reply.text
        assert INFRASTRUCTURE + "compute" in reply.text
        assert site.ask("GET", "/compute/", Accept=TEXT_PLAIN).status == 200
