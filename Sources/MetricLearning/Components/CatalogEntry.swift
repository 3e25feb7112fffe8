import Tensors

/// Something that can be described in one line, for a list.
public struct CatalogEntry: Sendable, Hashable {
    /// The name, as its library has it.
    public let name: String
    /// What it is, in one line.
    public let summary: String
    /// The settings with their defaults, such as `margin=0.05`.
    public let settings: [String]

    /// The names of the settings.
    var known: [String] { settings.map { String($0.prefix { $0 != "=" }) } }
}

extension [CatalogEntry] {
    /// The entry for `description`. Throws `InputError` naming the known ones where there is none.
    func entry(_ kind: String, _ description: ComponentDescription) throws -> CatalogEntry {
        if let entry = first(where: { $0.name == description.name }) { return entry }
        throw InputError(
            "\(kind) \(description.name)", "is not known",
            remedy: "Choose one of \(map(\.name).joined(separator: ", ")).")
    }
}
