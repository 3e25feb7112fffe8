public import Foundation
public import Tensors

/// Reference numbers from PyTorch, torchvision and pytorch-metric-learning that developers keep in `shared/` beside the
/// checkout. A clone without that folder skips the tests that need it and says so.
public enum GoldenData {
    /// The folder beside the checkout, or nil where it is missing.
    public static let shared: URL? = {
        let repository = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = repository.deletingLastPathComponent().appendingPathComponent("shared")
        return FileManager.default.fileExists(atPath: folder.appendingPathComponent("golden").path) ? folder : nil
    }()

    /// Whether the folder is there: the condition of every test that needs it.
    public static let isPresent = shared != nil

    /// What a skipped test says.
    public static let missing = "needs reference data in ../shared, which is not part of this repository"

    /// The path of a file or folder under `golden/`.
    public static func path(_ name: String) throws -> String { try path(inShared: "golden/\(name)") }

    /// The path of a file or folder under `data/`.
    public static func dataPath(_ name: String) throws -> String { try path(inShared: "data/\(name)") }

    /// A JSON file under `golden/`.
    public static func json<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(contentsOf: URL(fileURLWithPath: try path(name))))
    }

    /// One array of an `.npz` file under `golden/`.
    public static func array(_ key: String, in name: String) throws -> NumPyFile.Array {
        let archive = try ZipArchive(path: try path(name))
        guard let member = archive.member(named: key + ".npy") else { throw InputError(name, "has no array \(key)") }
        return try NumPyFile.decode(try archive.contents(of: member))
    }

    private static func path(inShared name: String) throws -> String {
        guard let shared else { throw InputError("shared/\(name)", "is missing") }
        return shared.appendingPathComponent(name).path
    }
}
