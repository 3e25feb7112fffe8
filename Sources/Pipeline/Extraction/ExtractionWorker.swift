import Backbones
import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// Decodes pictures and computes their features, all on one thread, so that as many workers as there are cores keep each
/// other from nothing.
struct ExtractionWorker: Sendable {
    let root: String
    let backbone: any Backbone
    let batchSize: Int
    let decoder: ImageDecoder
    let preprocessor: ImagePreprocessor
    /// The looks at each picture whose features are put one behind the other, the usual one first.
    let views: [PictureView]
    let queue: BoundedQueue<PictureToExtract>
    let results: OrderedResults<ExtractedPicture>

    /// Takes pictures until there are no more. Tells `waited` of each time that it waited for a file, in seconds.
    func run(waited: (Double) -> Void) {
        var batch = Tensor4(
            count: batchSize, channels: 3, height: preprocessor.cropHeight, width: preprocessor.cropWidth)
        while true {
            let started = ContinuousClock.now
            let first = queue.pop()
            waited((ContinuousClock.now - started).seconds)
            guard let first, extract(first, &batch) else { return }
        }
    }

    /// Extracts a batch that begins with `first`. It takes what has been read at the moment: waiting for more with pictures in
    /// hand would hold up those that come after them. False where nothing is taken any more.
    private func extract(_ first: PictureToExtract, _ batch: inout Tensor4) -> Bool {
        var decoded: [PictureToExtract] = []
        // Kept only where other views are made of them.
        var pictures: [Picture] = []
        var failures: [Int: ExtractedPicture] = [:]
        var next: PictureToExtract? = first
        while let file = next {
            do {
                let picture = try decoder.decode(file.bytes)
                try preprocessor.write(picture, to: &batch, at: decoded.count)
                decoded.append(file)
                if views.count > 1 { pictures.append(picture) }
            } catch {
                failures[file.index] = failed(file, error)
            }
            next = decoded.count + failures.count < batchSize ? queue.popIfAny() : nil
        }
        do {
            let features = decoded.isEmpty ? nil : try features(of: decoded, pictures, &batch)
            return put(decoded, features, failures)
        } catch {
            results.fail(error)
            return false
        }
    }

    /// The features of all views of some files, of which `batch` has the first view; `pictures` are the decoded ones.
    private func features(
        of files: [PictureToExtract], _ pictures: [Picture], _ batch: inout Tensor4
    ) throws -> Matrix {
        var parts = [try backbone.features(of: batch.prefix(files.count))]
        for view in views.dropFirst() {
            for (place, (file, picture)) in zip(files, pictures).enumerated() {
                try preprocessor.write(picture, view: view, content: file.entry.content, to: &batch, at: place)
            }
            parts.append(try backbone.features(of: batch.prefix(files.count)))
        }
        return parts.count == 1 ? parts[0] : Matrix(besideEachOther: parts)
    }

    private func failed(_ picture: PictureToExtract, _ error: any Error) -> ExtractedPicture {
        let entry = picture.entry
        return .failed(
            FailureEntry(picture.picture, root: root, error, size: entry.size, modified: entry.modified),
            content: entry.content)
    }

    private func put(
        _ pictures: [PictureToExtract], _ features: Matrix?, _ failures: [Int: ExtractedPicture]
    ) -> Bool {
        var outcomes = failures
        if let features {
            for (row, picture) in pictures.enumerated() {
                outcomes[picture.index] = .feature(picture.entry, of: features, row: row)
            }
        }
        return outcomes.sorted { $0.key < $1.key }.allSatisfy { results.put($0.value, at: $0.key) }
    }
}

extension Matrix {
    /// The columns of all `parts`, which have equally many rows.
    fileprivate init(besideEachOther parts: [Matrix]) {
        let columns = parts.reduce(0) { $0 + $1.columns }
        self.init(
            rows: parts[0].rows, columns: columns,
            elements: (0..<parts[0].rows).flatMap { row in parts.flatMap { $0.row(row) } })
    }
}
