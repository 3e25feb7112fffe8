import Backbones
public import FeatureStorage
import Foundation
import ImageInput
import Synchronization
public import Tensors

/// Turns pictures into features of a store's space: from the store where they are in there, else with the same frozen network.
public struct PictureEmbedder {
    private let space: FeatureSpace
    private let chunks: StoredChunks
    private let cache: WeightsCache
    private let network: ResidentNetwork?
    private let announce: (String) -> Void

    /// Pictures that are decoded and computed at a time.
    private static let batchSize = 16

    /// An embedder for the space of `chunks`. With `network`, what is loaded stays for the next one.
    public init(
        chunks: StoredChunks, cache: WeightsCache, network: ResidentNetwork? = nil,
        announce: @escaping (String) -> Void = { _ in }
    ) {
        (space, self.chunks, self.cache, self.announce) = (chunks.space, chunks, cache, announce)
        self.network = network
    }

    /// The pictures that inputs name with their raw features, and an error for each input that gives none, in the order of the inputs.
    /// Throws `InputError` where the network at hand is not the one that made the space.
    public func pictures(
        _ inputs: [QueryInput], progress: ProgressHandler = { _ in }
    ) throws -> (pictures: QueryPictures, failures: [InputError]) {
        var states = try inputs.map(State.init)
        try findStored(&states, inputs)
        try compute(&states, inputs, progress)
        var (names, contents, elements, failures) = ([String](), [Fingerprint](), [Float](), [InputError]())
        for (input, state) in zip(inputs, states) {
            switch state {
            case .found(let content, let feature):
                names.append(input.name)
                contents.append(content)
                elements += feature
            case .failed(let error): failures.append(error)
            case .wanted: preconditionFailure("\(input.name) was neither found nor computed")
            }
        }
        let features = Matrix(rows: names.count, columns: space.dimension, elements: elements)
        return (QueryPictures(names: names, contents: contents, features: features), failures)
    }

    /// What is known of an input.
    private enum State {
        case wanted(Fingerprint?)
        case found(Fingerprint, [Float])
        case failed(InputError)

        init(_ input: QueryInput) throws {
            switch input {
            case .file, .bytes:
                do { self = .wanted(Fingerprint(of: try input.bytes())) } catch let error as InputError {
                    self = .failed(error)
                }
            case .id: self = .wanted(nil)
            }
        }
    }

    /// Takes what the store has.
    private func findStored(_ states: inout [State], _ inputs: [QueryInput]) throws {
        let wanted = Set(states.compactMap { if case .wanted(let content?) = $0 { content } else { nil } })
        let prefixes = inputs.compactMap { if case .id(let text) = $0 { Self.digits(text) } else { nil } }
        guard !wanted.isEmpty || inputs.contains(where: { if case .id = $0 { true } else { false } }) else { return }
        let rows = try chunks.rows { content in
            wanted.contains(content) || prefixes.contains { content.begins(withDigits: $0) }
        }
        let contents = try chunks.contents(ofRows: rows)
        let features = try chunks.features(ofRows: rows)
        let places = Dictionary(zip(contents, rows.indices)) { first, _ in first }
        for (position, input) in inputs.enumerated() {
            if case .id(let prefix) = input {
                states[position] = Self.identified(prefix, contents, features)
            } else if case .wanted(let content?) = states[position], let place = places[content] {
                states[position] = .found(content, Array(features.row(place)))
            }
        }
    }

    /// The digits of the beginning of an id; nil where something else is among them.
    private static func digits(_ text: String) -> [UInt8]? {
        let digits = text.compactMap(\.hexDigitValue).map(UInt8.init)
        return digits.count == text.count ? digits : nil
    }

    private static func identified(_ prefix: String, _ contents: [Fingerprint], _ features: Matrix) -> State {
        let digits = digits(prefix)
        let fitting = contents.indices.filter { place in digits.map { contents[place].begins(withDigits: $0) } ?? false
        }
        guard fitting.count == 1 else {
            let fact = fitting.isEmpty ? "is no stored picture's" : "is the beginning of \(fitting.count) pictures' ids"
            return .failed(
                InputError(
                    "id '\(prefix)'", fact, remedy: "Give an id as query --json and export show it, or more of it."))
        }
        return .found(contents[fitting[0]], Array(features.row(fitting[0])))
    }

    /// Computes what the store lacks.
    private func compute(_ states: inout [State], _ inputs: [QueryInput], _ progress: ProgressHandler) throws {
        let missing = states.indices.filter { if case .wanted = states[$0] { true } else { false } }
        guard !missing.isEmpty else { return }
        if let network {
            return try network.use(space, cache, batchSize: Self.batchSize, announce) { model, backbone in
                try compute(missing, &states, inputs, model, backbone, progress)
            }
        }
        let model = try FrozenModel(of: space, cache: cache, announce: announce)
        let backbone = try model.makeBackbone(batchSize: min(Self.batchSize, missing.count))
        try compute(missing, &states, inputs, model, backbone, progress)
    }

    private func compute(
        _ missing: [Int], _ states: inout [State], _ inputs: [QueryInput], _ model: FrozenModel,
        _ backbone: any Backbone, _ progress: ProgressHandler
    ) throws {
        for start in stride(from: 0, to: missing.count, by: Self.batchSize) {
            let batch = Array(missing[start..<min(start + Self.batchSize, missing.count)])
            try compute(batch, &states, inputs, model, backbone)
            progress(
                ProgressUpdate(
                    activity: "extracting", done: start + batch.count, total: missing.count, unit: "pictures"))
        }
    }

    private func compute(
        _ batch: [Int], _ states: inout [State], _ inputs: [QueryInput], _ model: FrozenModel, _ backbone: any Backbone
    ) throws {
        let decoded = Mutex([Int: Result<(Fingerprint, Tensor4), InputError>]())
        let preprocessor = model.preprocessor
        DispatchQueue.concurrentPerform(iterations: batch.count) { place in
            let result = Self.decoded(inputs[batch[place]], preprocessor)
            decoded.withLock { $0[batch[place]] = result }
        }
        var ready: [(position: Int, content: Fingerprint, input: Tensor4)] = []
        for position in batch {
            switch decoded.withLock({ $0[position] }) {
            case .success(let (content, input)): ready.append((position, content, input))
            case .failure(let error): states[position] = .failed(error)
            case nil: preconditionFailure("picture \(position) was not looked at")
            }
        }
        guard !ready.isEmpty else { return }
        let features = try backbone.features(of: Tensor4(stacking: ready.map(\.input)))
        for (row, picture) in ready.enumerated() {
            states[picture.position] = .found(picture.content, Array(features.row(row)))
        }
    }

    private static func decoded(
        _ input: QueryInput, _ preprocessor: ImagePreprocessor
    ) -> Result<(Fingerprint, Tensor4), InputError> {
        do {
            let bytes = try input.bytes()
            let tensor = try preprocessor.tensor(of: ImageDecoder(for: preprocessor).decode(bytes))
            return .success((Fingerprint(of: bytes), tensor))
        } catch let error as InputError {
            return .failure(InputError(input.name, error.fact, remedy: error.remedy))
        } catch { return .failure(InputError(input.name, "\(error)")) }
    }
}

extension QueryInput {
    /// The picture's bytes. Throws `InputError` where the file cannot be read.
    fileprivate func bytes() throws -> Data {
        switch self {
        case .file(let path): try PictureFile(path: path).bytes
        case .bytes(let data, _): data
        case .id: Data()
        }
    }
}
