import Foundation
import Tensors
import Testing

@testable import MetricLearning

@Suite("ComponentDescription")
struct ComponentDescriptionTests {
    @Test("is written as it is read, settings by name")
    func text() throws {
        let component = try ComponentDescription(
            parsing:
                " TripletMarginLoss ( swap = true,margin=2e-1, distance=LpDistance(power=2), reducer=MeanReducer,x=-3 ) "
        )
        #expect(component.name == "TripletMarginLoss")
        #expect(component.arguments["margin"] == .number(0.2))
        #expect(component.arguments["swap"] == .flag(true))
        #expect(component.arguments["reducer"] == .component(ComponentDescription("MeanReducer")))
        let text = "TripletMarginLoss(distance=LpDistance(power=2), margin=0.2, reducer=MeanReducer, swap=true, x=-3)"
        #expect(component.description == text)
        #expect(try ComponentDescription(parsing: text) == component)
        #expect(try ComponentDescription(parsing: "Adam()") == ComponentDescription("Adam"))
        let json = try JSONEncoder().encode([component])
        #expect(try JSONDecoder().decode([ComponentDescription].self, from: json) == [component])
    }

    @Test(
        "cannot be read",
        arguments: [
            "", "  ", "(", "3", "A(", "A(b", "A(b=", "A(b=1", "A(b=1,", "A(b=1,)", "A(,b=1)", "A(b=1 c=2)", "A(b=1)x",
            "A(b=1, b=2)",
            "A(b=1e999)", "A(b=nan()", "A b", "A(b==1)", "Ä(b=1)", "A(b=\u{0})", "A)",
            String(repeating: "A(b=", count: 100_000),
        ])
    func unreadable(text: String) {
        let error = #expect(throws: InputError.self) { try ComponentDescription(parsing: text) }
        #expect(error?.remedy.isEmpty == false)
    }

    private enum Kind: String, CaseIterable { case all, hard }

    @Test("settings are read with defaults, and refused where they are unknown or of another kind")
    func arguments() throws {
        let component = try ComponentDescription(parsing: "A(b=2, c=true, d=hard, e=1.5)")
        let settings = try ComponentArguments(component, known: ["b", "c", "d", "e", "f"])
        #expect(
            try settings.number("b", 1) == 2 && settings.float("b", 1) == 2 && settings.count("b", 1, in: 1...3) == 2)
        #expect(try settings.flag("c", false) && settings.choice("d", Kind.all) == .hard)
        #expect(
            try settings.number("f", 7) == 7 && settings.float("f", 0.1) == 0.1
                && settings.count("f", 5, in: 1...9) == 5)
        #expect(
            try settings.flag("f", true) && settings.choice("f", Kind.all) == .all && settings.component("f") == nil)
        #expect(try settings.component("d") == ComponentDescription("hard"))
        let refused: [() throws -> Void] = [
            { _ = try settings.number("c", 1) }, { _ = try settings.number("b", 1, in: 0...1) },
            { _ = try settings.count("e", 1, in: 0...9) }, { _ = try settings.count("b", 1, in: 3...9) },
            { _ = try settings.flag("b", true) }, { _ = try settings.choice("b", Kind.all) },
            { _ = try settings.choice("c", Kind.all) }, { _ = try settings.component("b") },
            { _ = try ComponentArguments(component, known: ["b", "c", "d"]) },
        ]
        for attempt in refused { #expect(throws: InputError.self) { try attempt() } }
        let error = #expect(throws: InputError.self) { try ComponentArguments(component, known: ["b", "c", "d"]) }
        #expect(error?.fact == "has no setting e" && error?.remedy == "It takes: b, c, d.")
    }

    @Test("several are read with commas between, whatever commas their settings have")
    func lists() throws {
        let text = " TripletMarginLoss(margin=0.2, distance=LpDistance(power=2, p=1)) ,SupConLoss "
        let found = try ComponentDescription.list(parsing: text)
        #expect(found.map(\.name) == ["TripletMarginLoss", "SupConLoss"] && found[0].arguments.count == 2)
        for text in ["", ",", "SupConLoss,", "SupConLoss,,SupConLoss", "SupConLoss SupConLoss", "SupConLoss(,"] {
            #expect(throws: InputError.self) { try ComponentDescription.list(parsing: text) }
        }
    }
}
