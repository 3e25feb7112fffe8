import Tensors

/// The settings of a described component, read one by one; what is missing has the default.
struct ComponentArguments {
    private let component: ComponentDescription

    /// Throws `InputError` where the component has settings other than `known`.
    init(_ component: ComponentDescription, known: [String]) throws {
        self.component = component
        let unknown = component.arguments.keys.filter { !known.contains($0) }.sorted()
        guard unknown.isEmpty else {
            let remedy = known.isEmpty ? "It takes none." : "It takes: \(known.joined(separator: ", "))."
            throw InputError(component.name, "has no setting \(unknown.joined(separator: ", "))", remedy: remedy)
        }
    }

    /// A number within `range`.
    func number(
        _ name: String, _ defaultValue: Double,
        in range: ClosedRange<Double> = -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
    ) throws -> Double {
        guard let argument = component.arguments[name] else { return defaultValue }
        guard case .number(let value) = argument, range.contains(value) else {
            throw unusable(name, argument, "a number\(Self.text(range))")
        }
        return value
    }

    /// A number for arithmetic in single precision.
    func float(
        _ name: String, _ defaultValue: Float, in range: ClosedRange<Double> = -1e30...1e30
    ) throws -> Float {
        // A default that stays away from Double keeps its exact value.
        component.arguments[name] == nil ? defaultValue : Float(try number(name, 0, in: range))
    }

    /// A whole number within `range`.
    func count(_ name: String, _ defaultValue: Int, in range: ClosedRange<Int>) throws -> Int {
        guard let argument = component.arguments[name] else { return defaultValue }
        guard case .number(let value) = argument, let count = Int(exactly: value), range.contains(count) else {
            throw unusable(name, argument, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return count
    }

    /// `true` or `false`.
    func flag(_ name: String, _ defaultValue: Bool) throws -> Bool {
        guard let argument = component.arguments[name] else { return defaultValue }
        guard case .flag(let value) = argument else { throw unusable(name, argument, "true or false") }
        return value
    }

    /// One of the words of an enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ name: String, _ defaultValue: Choice) throws
        -> Choice
    {
        guard let argument = component.arguments[name] else { return defaultValue }
        guard case .component(let word) = argument, word.arguments.isEmpty, let value = Choice(rawValue: word.name)
        else {
            throw unusable(name, argument, "one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return value
    }

    /// A component of its own; nil where there is none.
    func component(_ name: String) throws -> ComponentDescription? {
        guard let argument = component.arguments[name] else { return nil }
        guard case .component(let value) = argument else {
            throw unusable(name, argument, "a name, with settings or without")
        }
        return value
    }

    private func unusable(_ name: String, _ argument: ComponentDescription.Argument, _ wanted: String) -> InputError {
        InputError("\(component.name)(\(name)=\(argument))", "cannot be used", remedy: "Give \(wanted).")
    }

    private static func text(_ range: ClosedRange<Double>) -> String {
        switch (range.lowerBound > -1e30, range.upperBound < 1e30) {
        case (true, true): " from \(range.lowerBound) to \(range.upperBound)"
        case (true, false): " of at least \(range.lowerBound)"
        case (false, true): " of at most \(range.upperBound)"
        case (false, false): ""
        }
    }
}
