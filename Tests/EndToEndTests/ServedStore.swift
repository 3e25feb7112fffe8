import Foundation
import Tensors
import Testing

/// A running server of a sample store.
final class ServedStore {
    let world: SampleWorld
    let address: String
    private let process: Process

    init(_ arguments: [String] = [], world: SampleWorld? = nil) throws {
        self.world = try world ?? SampleWorld()
        if world == nil { #expect(try self.world.build().status == 0) }
        process = try self.world.program.start(["serve", "--port", "0"] + arguments)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while line.last != 10, let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty {
            line += byte
        }
        address = try #require(String(decoding: line, as: UTF8.self).split(separator: "/?").first.map(String.init))
            .trimmingCharacters(in: CharacterSet(charactersIn: "/\n"))
    }

    /// Ends it as a service would, and tells how it ended.
    func stop() -> Int32 {
        process.terminate()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -1
    }

    deinit {
        if process.isRunning { process.terminate() }
        world.program.clean()
    }

    /// Asks with curl, which sends what it is told: status, headers and body.
    func ask(_ path: String, _ options: String...) throws -> (status: Int, headers: String, body: Data) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "-s", "-i", "--path-as-is", "--max-time", "60"] + options + [address + path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        var rest = data
        // An upload may be answered with 100 first.
        while true {
            let end = try #require(rest.range(of: Data("\r\n\r\n".utf8)), "no answer to \(path)")
            let head = String(decoding: rest[rest.startIndex..<end.lowerBound], as: UTF8.self)
            let status = Int(head.split(separator: " ")[1]) ?? 0
            rest = rest[end.upperBound...]
            if status != 100 { return (status, head.lowercased(), Data(rest)) }
        }
    }

    /// A socket that sent `text` and goes on without a word.
    func connection(sending text: String) throws -> Int32 {
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isConnected = withUnsafePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        #expect(isConnected && send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) == text.utf8.count)
        return descriptor
    }

    func json<Value: Decodable>(_ path: String, _ options: String..., as type: Value.Type = Value.self) throws -> Value
    {
        let process = options.isEmpty ? try ask(path) : try ask(path, options[0], options[1])
        #expect(process.status == 200, "\(path): \(String(decoding: process.body.prefix(300), as: UTF8.self))")
        return try JSONDecoder().decode(Value.self, from: process.body)
    }
}
