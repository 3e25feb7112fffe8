import Hummingbird

/// The parameters of a request's address.
struct QueryParameters {
    private let values: [(name: String, value: String)]

    init(_ request: Request) { values = request.uri.queryParameters.map { (String($0.key), String($0.value)) } }

    /// The last value of a name that is not empty.
    func text(_ name: String) -> String? { values.last { $0.name == name && !$0.value.isEmpty }?.value }

    /// All values of a name that are not empty.
    func all(_ name: String) -> [String] { values.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }

    /// Whether a name has the value 1 or true.
    func flag(_ name: String) -> Bool { ["1", "true"].contains(text(name) ?? "") }

    /// A whole number; `usual` where it is not given. Throws where it is none, or out of bounds.
    func integer(_ name: String, _ bounds: ClosedRange<Int>, _ usual: Int) throws -> Int {
        guard let text = text(name) else { return usual }
        guard let value = Int(text), bounds.contains(value) else {
            throw ServerError.wrong("\(name) is no whole number from \(bounds.lowerBound) to \(bounds.upperBound).")
        }
        return value
    }

    /// A number; `usual` where it is not given. Throws where it is none, or out of bounds.
    func number(_ name: String, _ bounds: ClosedRange<Double>, _ usual: Double) throws -> Double {
        guard let text = text(name) else { return usual }
        guard let value = Double(text), bounds.contains(value) else {
            throw ServerError.wrong("\(name) is no number from \(bounds.lowerBound) to \(bounds.upperBound).")
        }
        return value
    }
}
